// Extracts commands and their output from the fenced blocks of a page.

export interface ShellBlock {
  /** Line number of the fence, from 1. */
  line: number;
  script: string;
  /** True if marked as requiring a cluster or server that no test has. */
  isElsewhere: boolean;
  /** Lines of the text blocks between this block and the next. */
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

/** Returns arguments of each `plimsoll …` of a script, without variables, pipes and comments. */
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

/** Returns commands of indented blocks and between backticks, that a page mentions without a fenced block. */
export function commandsSpokenOf(page: string): string[][] {
  const text = page.replaceAll(/^```.*?^```$/gms, '');
  const indented = [...text.matchAll(/^ {4}(?:\$ )?(.*)$/gm)].map(([, line = '']) => line).join('\n');
  const inline = [...text.matchAll(/(?<!`)`(plimsoll [^`]+)`/g)].map(([, words = '']) => words.replaceAll('\n', ' '));
  return commandsIn([indented, ...inline].join('\n'));
}
