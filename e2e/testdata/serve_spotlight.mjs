// Runs the Spotlight whose main module is the argument on a free loopback port, until standard input ends.
// Its first line on standard output is {"url": …} as JSON, written when it answers.
//
// Spotlight's own command would do, but it reports on itself to its makers and listens on all interfaces.
import { readFileSync } from "node:fs";
import net from "node:net";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, port, "127.0.0.1", ...rest.filter((argument) => typeof argument === "function"));
};

// What Spotlight's command does: without the files, the server has a stream and no page.
const ui = join(dirname(process.argv[2]), "..", "ui");
const filesToServe = Object.create(null);
for (const file of ["index.html", ...Object.values(JSON.parse(readFileSync(join(ui, "manifest.json")))).map((entry) => entry.file)]) {
  filesToServe[file] = readFileSync(join(ui, file));
}

const { setupSpotlight } = await import(pathToFileURL(process.argv[2]));
const server = await setupSpotlight({ port: 0, filesToServe });
console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
process.stdin.on("end", () => process.exit(0)).resume();
