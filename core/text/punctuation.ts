// Holds the punctuation between parts of a line, and the space between sentences, in English and Chinese.

export const punctuation = {
  en: { colon: ': ', comma: ', ', list: ', ', semicolon: '; ', stop: '.', open: ' (', close: ')', space: ' ' },
  zh: { colon: '：', comma: '，', list: '、', semicolon: '；', stop: '。', open: '（', close: '）', space: '' },
} as const;

/** Templates put a space around each value; between two Chinese words, such as before `条/秒`, it is removed. */
export const closedUp = (text: string): string => text.replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, '');
