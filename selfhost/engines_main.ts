// The program behind `npm run engines`; engines.ts does the work. npm may put another Node before the one that it was
// started with; the engine that others are compared with is the latter.

import * as path from "node:path";
import { engines } from "./engines.ts";

process.exitCode = await engines(path.resolve(import.meta.dirname, ".."), process.env.npm_node_execpath ?? process.execPath, process.argv.slice(2));
