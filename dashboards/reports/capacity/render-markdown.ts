// Renders a report as Markdown; text from files is escaped.

import { punctuation } from '../../../core/text/punctuation.ts';
import { cellText, type Block, type Cell } from './part.ts';
import { shown, shownLines } from './shown.ts';
import type { WrittenReport } from './write-parts.ts';

export function renderMarkdown({ language, title, subtitle, answer, parts }: WrittenReport): string {
  const colon = punctuation[language].colon;
  const body = parts.map(
    (part, index) =>
      `## ${index + 1}. ${part.title}\n\n${part.blocks
        .map((block) => renderBlock(block, colon))
        .filter(Boolean)
        .join('\n\n')}`,
  );
  const head = [`# ${plain(title)}`, plain(subtitle), ...(answer === undefined ? [] : [plain(answer)])];
  return `${[...head, ...body].join('\n\n')}\n`;
}

function renderBlock(block: Block, colon: string): string {
  switch (block.kind) {
    case 'text':
      return plain(block.text);
    case 'list':
      return block.items.map(renderItem).join('\n');
    case 'bars':
      return `${plain(block.title)}${colon.trimEnd()}\n\n${block.rows.map(({ name, label }) => `- ${plain(name)}${colon}${plain(label)}`).join('\n')}`;
    // The table next to it has its points.
    case 'curve':
      return '';
    case 'table': {
      const line = (cells: readonly Cell[]) => `| ${cells.map((cell) => plain(cellText(cell))).join(' | ')} |`;
      const rule = block.columns.map(({ isNumber }) => (isNumber ? '---:' : '---'));
      const table = [
        line(block.columns.map(({ title }) => title)),
        `| ${rule.join(' | ')} |`,
        ...block.rows.map(line),
      ].join('\n');
      return block.title === undefined ? table : `${plain(block.title)}${colon.trimEnd()}\n\n${table}`;
    }
  }
}

/** Further lines of an item are nested items. */
const renderItem = (item: string) =>
  shownLines(item)
    .map((line, index) => (index === 0 ? `- ${plain(line)}` : `  - ${plain(line.replace(/^ ?- /, ''))}`))
    .join('\n');

/** One line, without markup except code between backticks. */
const plain = (text: string) => shown(text).replaceAll(/[\\|<>*_[\]#]/g, (character) => `\\${character}`);
