/*
 * A desktop application with a library in Go, the core. It runs one command of
 * the core on a text and prints the result. DIR is its folder for state. A real
 * application asks the system for such a folder.
 *
 * The Go runtime installs handlers for SIGSEGV, SIGBUS and SIGFPE before main.
 * A host with handlers of its own must install them with SA_ONSTACK, and must
 * pass each signal on to the handler that was there before, because a nil
 * dereference in Go raises these signals, too.
 */
#include <stdio.h>

#include "libcore.h"

#ifndef VERSION
#define VERSION "v1.0.0"
#endif

int main(int argc, char **argv) {
	if (argc != 4) {
		fprintf(stderr, "usage: %s DIR first|average|longest|count TEXT\n", argv[0]);
		return 64;
	}
	switch (CoreStart(argv[1], VERSION)) {
	case CORE_CRASHED:
		fprintf(stderr, "The last run crashed. Its report is on the way.\n");
		break;
	case CORE_ERROR: /* the program can run without reports */
		fprintf(stderr, "Crashes are not reported.\n");
		break;
	}
	int result = CoreRun(argv[2], argv[3]);
	if (result == CORE_ERROR)
		fprintf(stderr, "There is no command %s.\n", argv[2]);
	else
		printf("%d\n", result);
	CoreStop();
	return result == CORE_ERROR;
}
