// The compiler as a program.
// In -> out: the words of the command line, to an exit status.

import { hostArgs, hostExit } from "./base/host.ts";
import { runCommand } from "./driver/commands.ts";
import { newParseCache } from "./syntax/parse_cache.ts";

hostExit(runCommand(hostArgs(), newParseCache()));
