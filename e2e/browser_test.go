package e2e

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

// A browser is a headless Chromium with one page. It is driven by the DevTools protocol
// over a pipe: each message is JSON and ends with a zero byte. It is tempting to let
// Chromium print the page (--dump-dom), but one that has a stream, as Spotlight's, is
// either printed before it shows anything, or never.
type browser struct {
	to      *os.File
	from    *bufio.Reader
	session string
	last    int
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	exe := installed(t, func() (string, error) {
		for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
			if exe, err := exec.LookPath(name); err == nil {
				return exe, nil
			}
		}
		return "", fmt.Errorf("there is no Chromium: apt-get install chromium")
	})
	// Without a sandbox it runs as root, too, as in a container. The pages are ours.
	cmd := exec.Command(exe, "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--hide-scrollbars", "--disable-background-networking", "--disable-component-update",
		"--user-data-dir="+t.TempDir(), "--window-size=1200,900")
	cmd.Env = testprogram.Environment("HOME=" + t.TempDir())
	in, to, err := os.Pipe()
	require.NoError(t, err)
	from, out, err := os.Pipe()
	require.NoError(t, err)
	cmd.ExtraFiles = []*os.File{in, out} // descriptors 3 and 4
	require.NoError(t, cmd.Start())
	in.Close()
	out.Close()
	overdue := time.AfterFunc(startLimit, func() { _ = cmd.Process.Kill() }) // a read then ends
	b := &browser{to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		overdue.Stop()
		b.to.Close() // it ends with its pipe
		_ = cmd.Wait()
		from.Close()
	})
	var target struct{ TargetID string }
	b.call(t, "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call(t, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	return b
}

// call calls a method of the protocol, and decodes its result.
func (b *browser) call(t *testing.T, method string, params, result any) {
	t.Helper()
	b.last++
	message := map[string]any{"id": b.last, "method": method, "params": params}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	doc, err := json.Marshal(message)
	require.NoError(t, err)
	_, err = b.to.Write(append(doc, 0))
	require.NoError(t, err)
	for {
		doc, err := b.from.ReadBytes(0)
		require.NoError(t, err, "Chromium has ended")
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		require.NoError(t, json.Unmarshal(doc[:len(doc)-1], &answer))
		if answer.ID != b.last {
			continue // an event
		}
		require.Nil(t, answer.Error, method)
		require.NoError(t, json.Unmarshal(answer.Result, result))
		return
	}
}

// What a page has: its elements, and what a person can read of them.
const (
	elements = "document.documentElement.outerHTML"
	readable = "document.body.innerText"
)

// page opens url, waits until what it has contains text, and returns that.
func (b *browser) page(t *testing.T, url, what, text string) (page string) {
	t.Helper()
	b.call(t, "Page.navigate", map[string]any{"url": url}, new(any))
	for deadline := time.Now().Add(showLimit); ; {
		var evaluated struct{ Result struct{ Value string } }
		b.call(t, "Runtime.evaluate", map[string]any{
			// A page that is not there yet has no body: an error in the callback would leave
			// the promise open for good.
			"expression": "new Promise(f => setTimeout(() => { try { f(" + what + ") } catch { f('') } }, 50))", "awaitPromise": true,
		}, &evaluated)
		page = evaluated.Result.Value
		if strings.Contains(page, text) {
			return page
		}
		require.True(t, time.Now().Before(deadline), "the page of %s has no %q:\n%.3000s", url, text, page)
	}
}

// picture writes what the page shows to docs/pictures/<name>.png, with E2E_PICTURES=1:
// it is never quite the same.
func (b *browser) picture(t *testing.T, name string) {
	t.Helper()
	if os.Getenv("E2E_PICTURES") != "1" {
		return
	}
	var shot struct{ Data string }
	b.call(t, "Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	require.NoError(t, err)
	dir := filepath.Join("..", "docs", "pictures")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}
