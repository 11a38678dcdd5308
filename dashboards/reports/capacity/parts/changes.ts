// Writes the changes since the last report.

import { textBlock, type WritePart } from '../part.ts';

export const writeChanges: WritePart = ({ changes }, { words, numbers }) => {
  if (changes === undefined) return [textBlock(words.noPrevious)];
  if (changes.length === 0) return [textBlock(words.noChanges)];
  const figure = (value: string | number | undefined) => {
    if (value === undefined) return words.unknown;
    if (typeof value === 'number') return numbers.plain(value);
    return value in words.decisions ? words.decisions[value as keyof typeof words.decisions] : value;
  };
  return [
    {
      kind: 'table',
      columns: [
        { title: words.domain },
        { title: words.what },
        { title: words.before, isNumber: true },
        { title: words.after, isNumber: true },
      ],
      rows: changes.map(({ domain, what, setting, before, now }) => [
        domain,
        what === 'setting' ? words.setting(setting ?? '') : words.changed[what],
        figure(before),
        figure(now),
      ]),
    },
  ];
};
