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

// consent is the user's choice, as it stands in their settings file.
type consent struct {
	file string

	// given is in front of the file because the library asks often, from any
	// goroutine, also in the middle of a panic: no moment to read a file or to
	// wait for a lock.
	given atomic.Bool
}

// settings is the file. What it does not say is no: so is a file that is not
// there yet.
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

// loadConsent returns a usable consent, that is not given, with an error too.
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

// set changes the choice. A no holds at once, for this run at least, also if it
// can not be saved. A yes holds only when it is saved: the user would find a no
// at the next start, and wonder.
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

// save replaces the file as a whole: whenever the process dies, and this one
// does, either the old choice is there or the new one.
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
	defer os.Remove(temp.Name()) // there only if something went wrong
	_, err = temp.Write(text)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	if err := os.Rename(temp.Name(), file); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}
