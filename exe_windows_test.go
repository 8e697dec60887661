package sentry_test

const exeSuffix = ".exe"
