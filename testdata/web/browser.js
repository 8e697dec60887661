// Runs a program as a browser would, which has no process and no files:
//
//	node browser.js wasm_exec.js PROGRAM
const fs = require('fs');
const [support, program] = process.argv.slice(2).map((name) => fs.readFileSync(name));
const {env, exit} = process;
globalThis.process = undefined; // wasm_exec.js puts those of a browser there
(0, eval)(support.toString());
const go = new Go();
go.env = {SENTRY_TEST_DSN: env.SENTRY_TEST_DSN};
go.exit = exit;
WebAssembly.instantiate(program, go.importObject).then((result) => go.run(result.instance));
