// Lists phrases that users should not have to decode, each with the standard terms to use instead (docs/reference/glossary.md).

export interface BannedPhrase {
  phrase: RegExp;
  /** Terms of the glossary; empty if plain English has several alternatives. */
  instead: readonly string[];
}

export const bannedPhrases: readonly BannedPhrase[] = [
  { phrase: /\b(is|are|was|were|be) told\b|\b(tells?|says?) of\b|\bis said\b|\bnot told\b/i, instead: [] },
  { phrase: /\basked for\b|\brate in question\b/i, instead: ['target rate'] },
  { phrase: /\bcarried\b(?! (out|over))/i, instead: ['achieved rate', 'throughput', 'sustained'] },
  { phrase: /\bwhat binds\b|\bbinds\b/i, instead: ['bottleneck', 'limiting resource'] },
  { phrase: /\bfull at\b/i, instead: ['saturation'] },
  { phrase: /\bin sight\b/i, instead: ['monitored', 'not monitored', 'metrics available', 'no metrics'] },
  { phrase: /\bnobody (said|knows|told|read|asked)\b/i, instead: ['not configured', 'unknown'] },
  { phrase: /\bdebt\b/i, instead: ['lag'] },
  { phrase: /\bgiven again\b/i, instead: ['redelivered'] },
  { phrase: /\banew\b/i, instead: [] },
  { phrase: /\bof its own\b|\bof their own\b/i, instead: [] },
  { phrase: /\blanes\b/i, instead: ['concurrency'] },
  { phrase: /\bworlds\b/i, instead: ['samples', 'simulations'] },
  { phrase: /\bway back\b|\btaken back\b|\btakes? back\b/i, instead: ['rollback'] },
  { phrase: /\bnot alike\b/i, instead: ['configuration drift'] },
  { phrase: /\bst(oo|an)ds? still\b/i, instead: ['pause'] },
  { phrase: /\bwhat can be done\b|\blevers?\b/i, instead: ['action', 'remediation'] },
  { phrase: /\b(hold|holds|held) against\b|\bheld to each other\b/i, instead: [] },
  { phrase: /\bpromises?\b/i, instead: ['SLO'] },
  { phrase: /\bbelieved?\b/i, instead: ['confidence', 'calibration'] },
  { phrase: /\b(is|are|was|were|be) driven\b|\bdriven (to|at|past|into)\b|\bto drive\b/i, instead: ['tested to'] },
  { phrase: /\bmend(s|ed)?\b/i, instead: [] },
  { phrase: /\bput off\b/i, instead: ['skipped', 'deferred'] },
  { phrase: /\brobots?\b/i, instead: ['notification channel'] },
  { phrase: /\bledgers?\b/i, instead: ['delivery check', 'history', 'reserve table'] },
  { phrase: /\bpreflight\b/i, instead: ['cluster check', 'load safety check'] },
  { phrase: /\b(sparable|lonely|whisker)\b/i, instead: ['overhead removed at saturation', 'outlier', 'lower bound'] },
  { phrase: /\d %/, instead: [] },
];

/** @returns each banned phrase of the text, as written */
export function bannedIn(text: string): string[] {
  return bannedPhrases.flatMap(({ phrase }) =>
    [...text.matchAll(new RegExp(phrase.source, `${phrase.flags}g`))].map(([found]) => found),
  );
}

/** @returns prose of a Markdown page: without code, link targets, pictures and anchors */
export function proseOf(page: string): string {
  return page
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/^ {4}.*$/gm, '')
    .replaceAll(/`[^`]*`/g, '`code`')
    .replaceAll(/\]\([^)]*\)/g, ']');
}
