// Holds the punctuation between parts of a line, in English and Chinese.

export const punctuation = {
  en: { colon: ': ', comma: ', ', semicolon: '; ', stop: '.', open: ' (', close: ')' },
  zh: { colon: '：', comma: '，', semicolon: '；', stop: '。', open: '（', close: '）' },
} as const;
