// Extracts series and labels from the PromQL expressions that we ship.

export interface Selector {
  metric: string;
  /** Labels it is matched by. */
  labels: readonly string[];
  /** Function it is handed to at once, such as rate. */
  within?: string;
  /** The range in brackets after it. */
  range?: string;
}

const grouping = /\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const keyword = /^(?:and|or|unless|bool|offset|by|on|without|ignoring|group_left|group_right)$/;

export function selectorsIn(expression: string): Selector[] {
  const bare = withoutTexts(expression).replaceAll(grouping, ' ');
  const selectors = bare.matchAll(
    /(?:\b(\w+)\(\s*)?(?<![\w$"])([a-zA-Z_:][\w:]*)(?!\s*\(|\w|:)\s*(?:\{([^}]*)\})?\s*(?:\[([^\]]*)\])?/g,
  );
  return [...selectors]
    .filter(([, , metric = '']) => !keyword.test(metric))
    .map(([, within, metric = '', matchers = '', range]) => ({
      metric,
      labels: [...matchers.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
      ...(within !== undefined && { within }),
      ...(range !== undefined && { range }),
    }));
}

/** Labels that are grouped or joined by. */
export function groupingLabelsIn(expression: string): string[] {
  return [...withoutTexts(expression).matchAll(grouping)].flatMap(([, labels = '']) =>
    labels
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== ''),
  );
}

/** A duration after `offset` is no series. */
const withoutTexts = (expression: string) =>
  expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/\boffset\s+\w+/g, ' ');
