// Extracts commands and their output from the fenced blocks of a page.

export interface ShellBlock {
  /** Of the fence, from 1. */
  line: number;
  script: string;
  /** Marked so where it needs a cluster or a server that no test has. */
  isElsewhere: boolean;
  /** Lines that stand in the blocks of text between this one and the next. */
  prints: readonly string[];
}

/** @param page Markdown with blocks of `sh`, `sh elsewhere` and `text` */
export function shellBlocksOf(page: string): ShellBlock[] {
  const blocks: { line: number; script: string; isElsewhere: boolean; prints: string[] }[] = [];
  for (const match of page.matchAll(/^```(sh|text)( elsewhere)?\n(.*?)^```$/gms)) {
    const [, language, marked, body = ''] = match;
    if (language === 'sh') {
      const line = page.slice(0, match.index).split('\n').length;
      blocks.push({ line, script: body, isElsewhere: marked !== undefined, prints: [] });
    } else {
      blocks.at(-1)?.prints.push(...body.split('\n').filter((line) => line.trim() !== '' && line.trim() !== '…'));
    }
  }
  return blocks;
}

/** Arguments of each `plimsoll …` of a script, without variables, pipes and comments. */
export function commandsIn(script: string): string[][] {
  const lines = script
    .replaceAll(/<<'?(\w+)'?.*?\n\1$/gms, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  return lines.flatMap((line) =>
    [...line.matchAll(/(?:^|[;&|(])\s*(?:[A-Z_]+=\S+ )*(?:npx )?plimsoll ((?:"[^"]*"|'[^']*'|[^|;&#>)])*)/g)].map(
      ([, words = '']) => (words.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? []).map((word) => word.replaceAll(/['"]/g, '')),
    ),
  );
}

/** Those of indented blocks and between backticks, where a page speaks of a command without showing a block of it. */
export function commandsSpokenOf(page: string): string[][] {
  const text = page.replaceAll(/^```.*?^```$/gms, '');
  const indented = [...text.matchAll(/^ {4}(?:\$ )?(.*)$/gm)].map(([, line = '']) => line).join('\n');
  const inline = [...text.matchAll(/(?<!`)`(plimsoll [^`]+)`/g)].map(([, words = '']) => words.replaceAll('\n', ' '));
  return commandsIn([indented, ...inline].join('\n'));
}
