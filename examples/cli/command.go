package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

// command asks for consent before the first command runs, and calls report again
// after a yes: the crash output begins with an Init that finds consent.
func command(c *consent, report func()) *cobra.Command {
	root := &cobra.Command{
		Use:          "cli",
		Short:        "counts words",
		SilenceUsage: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if c.isKnown {
				return nil
			}
			if err := c.ask(cmd.InOrStdin(), cmd.ErrOrStderr()); err != nil {
				return err
			}
			report()
			return nil
		},
	}
	root.AddCommand(&cobra.Command{
		Use:   "stats FILE",
		Short: "prints the mean length of a word",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), meanLength(bytes.Fields(text)))
			return err
		},
	})
	return root
}

// meanLength divides by zero for a file without words.
func meanLength(words [][]byte) int {
	sum := 0
	for _, word := range words {
		sum += len(word)
	}
	return sum / len(words)
}
