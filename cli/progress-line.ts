// How does a command say what it is doing now? On a terminal one line that is written over, elsewhere a line each.

import type { Output } from './command.ts';

export function progressLine(output: Output): { show(line: string): void; clear(): void } {
  const clear = '\r\u001b[K';
  return {
    show: (line) => output.write(output.isTerminal ? `${clear}${line.slice(0, output.columns - 1)}` : `${line}\n`),
    clear: () => output.write(output.isTerminal ? clear : ''),
  };
}
