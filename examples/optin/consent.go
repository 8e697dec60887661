package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
)

// consent is the choice of the user, which is saved in a settings file.
type consent struct {
	file string

	// given is a copy of the choice in memory. The library asks for the consent
	// often, from any goroutine and during a panic. That is no time to read a
	// file or to wait for a lock.
	given atomic.Bool
}

// settings is the content of the file. A missing value, or a missing file, means
// no.
type settings struct {
	ReportCrashes bool `json:"report_crashes"`
}

func settingsFile() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the settings: %w", err)
	}
	return filepath.Join(dir, "optin-example", "settings.json"), nil
}

// loadConsent reads the choice from a file. If it returns an error, it also returns
// a consent, which is not given.
func loadConsent(file string) (*consent, error) {
	c := &consent{file: file}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("load settings: %w", err)
	}
	var s settings
	if err := json.Unmarshal(text, &s); err != nil {
		return c, fmt.Errorf("load settings: %w", err)
	}
	c.given.Store(s.ReportCrashes)
	return c, nil
}

// set changes the choice. A no applies at once, for this run at least, even if it
// cannot be saved. A yes applies only after it is saved. Otherwise, the user would
// find a no at the next start and not know why.
func (c *consent) set(given bool) error {
	if !given {
		c.given.Store(false)
	}
	if err := (settings{ReportCrashes: given}).save(c.file); err != nil {
		return err
	}
	c.given.Store(given)
	return nil
}

// save writes a new file and renames it. If the process dies meanwhile, the file
// has either the old choice or the new one.
func (s settings) save(file string) (err error) {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	temp, err := os.CreateTemp(dir, "settings-*")
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	defer os.Remove(temp.Name()) // it exists only after an error
	_, err = temp.Write(text)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	if err := os.Rename(temp.Name(), file); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}
