// Runs the Spotlight whose main module is the argument on a free loopback port, until standard input ends.
// Its first line on standard output is {"url": …} as JSON, written when it answers.
//
// Spotlight's own command would do, but it reports on itself to its makers and listens on all interfaces.
import net from "node:net";
import { pathToFileURL } from "node:url";

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, port, "127.0.0.1", ...rest.filter((argument) => typeof argument === "function"));
};

const { setupSpotlight } = await import(pathToFileURL(process.argv[2]));
const server = await setupSpotlight({ port: 0 });
console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
process.stdin.on("end", () => process.exit(0)).resume();
