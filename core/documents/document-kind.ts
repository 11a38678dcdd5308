// Recognizes which command wrote a JSON document, by its keys.

const kinds = {
  error: { keys: ['error'], name: 'the error of a failed command' },
  analysis: { keys: ['safeMaxTps', 'run'], name: 'an analysis (`plimsoll analyze --json`)' },
  plan: { keys: ['worlds'], name: 'a plan (`plimsoll size --json`)' },
  report: { keys: ['promotion', 'verdicts'], name: 'a capacity report (`plimsoll report --format json`)' },
  forecast: { keys: ['backtest', 'points'], name: 'a forecast (`plimsoll forecast --json`)' },
  'blast-radius': { keys: ['lastsSeconds', 'clusters'], name: 'failures of a plan (`plimsoll blast-radius --json`)' },
  simulation: { keys: ['consumerSpeed', 'days'], name: 'a simulation (`plimsoll simulate --json`)' },
  fingerprint: { keys: ['fingerprint', 'unread'], name: 'settings of a cluster (`plimsoll get fingerprint --json`)' },
} as const satisfies Record<string, { keys: readonly string[]; name: string }>;

type DocumentKind = keyof typeof kinds;

/** @returns undefined for any other document */
export function documentKind(document: unknown): DocumentKind | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const found = Object.entries(kinds).find(([, { keys }]) => keys.every((key) => Object.hasOwn(document, key)));
  return found?.[0] as DocumentKind | undefined;
}

/** Returns what the document is, and which command writes it. */
export const documentName = (kind: DocumentKind): string => kinds[kind].name;
