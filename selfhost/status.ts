// The line that moves while a step is done, on a terminal only.
// In -> out: what is done, to one line that is written over itself and is gone when the step is done. Where no stream is a
// terminal, or CI is set, there is none: no control sequence ever gets into a file.

/** What a terminal is, as far as it is needed. */
export interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface Status {
  /** Takes the line away, for others to be printed; it comes again. */
  hide(): void;
  /** Takes it away for good. */
  stop(): void;
}

const MILLIS = 250;
/** Of a terminal that does not say how wide it is. */
const COLUMNS = 80;
const ERASE = "\r\u001b[K";

/** Where the line goes: to stderr, or to stdout where only that is a terminal; null where neither is. */
export function terminalOf(streams: Terminal[], ci: string | undefined): Terminal | null {
  return (ci ?? "") !== "" ? null : (streams.find((stream) => stream.isTTY === true) ?? null);
}

/** Shows a line that says what is done now, for how long, and how much of all. */
export function startStatus(terminal: Terminal, what: string, progress: () => string): Status {
  const start = Date.now();
  const draw = (): void => {
    const line = `${what} ... ${((Date.now() - start) / 1000).toFixed(1)} s${progress()}`;
    terminal.write(`${ERASE}${line.slice(0, (terminal.columns || COLUMNS) - 1)}`);
  };
  draw();
  const timer = setInterval(draw, MILLIS);
  const hide = (): void => {
    terminal.write(ERASE);
  };
  return {
    hide,
    stop: () => {
      clearInterval(timer);
      hide();
    },
  };
}
