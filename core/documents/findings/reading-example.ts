// Creates an example of a stated figure, as in a written result.

import type { Reading } from '../written-reading.ts';

export const readingExample = (quantity: Reading['quantity'], value?: number): Reading => ({
  quantity,
  relation: 'equals',
  node: 'broker-a',
  ...(value === undefined ? { text: 'as the team reported it' } : { value }),
  source: { document: 'result.md', heading: 'Results', quote: `${quantity}: ${value ?? 'as reported'}` },
});
