package main

/*
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void leave(void) { abort(); }

// leaveUnseen is what a C library does that wants a core dump.
static void leaveUnseen(void) { signal(SIGABRT, SIG_DFL); abort(); }

// gone reads a page behind the end of its file.
static int gone(void) {
	FILE *f = tmpfile();
	char *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fileno(f), 0);
	return *(volatile char *)p;
}
*/
import "C"

func init() {
	inC = map[string]func(string){
		"c-abort":        func(string) { C.leave() },
		"c-abort-unseen": func(string) { C.leaveUnseen() },
		"c-bus":          func(string) { C.gone() },
	}
}
