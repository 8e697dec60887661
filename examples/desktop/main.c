/*
 * A desktop application whose core is a library in Go. It prints the result of
 * one command of the core for a text. DIR is its folder for state, which a real
 * one takes from the system.
 *
 * The runtime of Go has handlers for SIGSEGV, SIGBUS and SIGFPE since before
 * main. A host that sets its own must give them SA_ONSTACK and pass each signal
 * on to the handler that it found: a nil dereference in Go arrives there too.
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
	case CORE_ERROR: /* no reason not to run */
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
