// node bootstrap.ts: has stage0 compile stage1, the result compile itself, and compares all that comes out.
// Plain JavaScript that old versions of Node can read, so that they can say that they are too old; the work is done
// in selfhost/. An internal failure ends with status 70, since 1 says that something differs.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`bootstrap: Node ${process.versions.node} is too old: install Node 20.19 or newer`);
  process.exit(2);
}
const { importTypeScript, Lack } = require("./launch/typescript.js");
(async () => {
  const { bootstrap } = await importTypeScript(__dirname, "selfhost/bootstrap.ts", true);
  process.exitCode = await bootstrap(__dirname, process.argv.slice(2));
})().catch((e) => {
  console.error(e instanceof Lack ? `bootstrap: ${e.message}` : e);
  process.exitCode = e instanceof Lack ? 2 : 70;
});
