// Shows progress: one rewritten line on a terminal, separate lines elsewhere.

import type { Output } from '../app/caller.ts';

export function progressLine(output: Output): { show(line: string): void; clear(): void } {
  const clear = '\r\u001b[K';
  return {
    show: (line) => output.write(output.isTerminal ? `${clear}${line.slice(0, output.columns - 1)}` : `${line}\n`),
    clear: () => output.write(output.isTerminal ? clear : ''),
  };
}
