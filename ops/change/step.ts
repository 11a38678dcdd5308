// Defines a step of a change: how it runs, what may block it, and how it is undone.

import type { Io } from '../../brokers/driver.ts';
import { AppError } from '../../core/errors.ts';
import type { Seconds } from '../../core/clock.ts';
import type { FindingLanguage } from '../../core/documents/findings/finding-entry.ts';
import { type Text, textIn } from '../../core/text/bilingual.ts';
import type { HeldJournal, Request } from './held-journal.ts';

/** A reason why a step is not done yet. */
export interface Blocker {
  what: string;
  /** In Chinese; repeats an error of a broker as it is. */
  zh: string;
  /** Latest time at which it ends without intervention, if known. */
  until?: Date;
}

export type Outcome<Facts> =
  | { kind: 'done'; evidence: readonly Text[]; learnt?: Partial<Facts> }
  | { kind: 'held'; holds: readonly Blocker[]; learnt?: Partial<Facts> }
  /** The step pauses, because an operator requested something else. */
  | { kind: 'asked'; request: Request; learnt?: undefined };

export interface StepIo extends Io, Pick<HeldJournal, 'storeIs'> {
  /** Called during long waits. @throws AppError as `HeldJournal.check` */
  check?(): Promise<void>;
}

export interface Step<Facts> {
  id: string;
  /** Absent: plimsoll. */
  by?: 'plimsoll' | 'operator';
  description: string;
  /** The description in Chinese. */
  zh: string;
  /** Instructions for the operator, in order. */
  how?: readonly Text[];
  /** Time between two attempts of a step that can be blocked. Absent: one attempt, and any error stops the change. */
  pause?: Seconds;
  /** Id of an earlier step that runs again if this one had begun and the change is resumed. */
  after?: string;
  /** Ids of earlier steps whose effect this one ends: they run again if its rollback began and the change is resumed. */
  ends?: readonly string[];
  /** Idempotent: can run again after a crash at any moment. */
  run(io: StepIo): Promise<Outcome<Facts>>;
  undo: Undo;
}

export type Undo = { zh: string } & (
  | {
      /** Description, or instructions for an operator if the change cannot be rolled back automatically. */
      description: string;
      /** @returns what was restored; 'paused' if an operator paused it */
      run?(io: StepIo): Promise<readonly Text[] | 'paused'>;
      /** Id of the step that must have begun for the undo to be needed. Absent: this one. */
      ofStep?: string;
      /** If it fails, earlier steps are still undone; the change stays under way, and --abort retries it. */
      isIndependent?: boolean;
    }
  /** Why there is no undo. */
  | { none: string }
);

/** @param evidence one text or several */
export const done = (evidence: Text | readonly Text[] = []): { kind: 'done'; evidence: readonly Text[] } => ({
  kind: 'done',
  evidence: [evidence].flat(),
});

/** @param what one text or several */
export const heldBy = (what: Text | readonly Text[], until?: Date): { kind: 'held'; holds: readonly Blocker[] } => ({
  kind: 'held',
  holds: [what].flat().map((each) => blocker(each, until)),
});

export const blocker = (text: Text, until?: Date): Blocker => ({
  what: textIn(text, 'en'),
  zh: textIn(text, 'zh'),
  ...(until && { until }),
});

/** The text of a blocker, for other texts that contain it. */
export const blockedBy = ({ what, zh }: Blocker) => ({ en: what, zh });

export const refused = (why: string, hint?: string): AppError => new AppError('change-refused', why, { hint });

/** @param state current state of the cluster */
export const changedByOthers = (state: string): AppError => refused(`${state}: another tool or person has changed it`);

export const keptText = (key: string, now: Text) => ({
  en: `${key} was changed by others to ${textIn(now, 'en')}, and is kept`,
  zh: `${key} 已被他人改为 ${textIn(now, 'zh')}，予以保留`,
});

export const deletedTopicText = (command: string) => ({
  en: `deleted; to create it again (empty): ${command}`,
  zh: `已删除；重新创建（空 Topic）：${command}`,
});

/** For the description of a step, so that an approval includes the names, in any order; empty without names. */
export function alsoNamed(names: readonly string[], { en, zh }: { en: string; zh: string }) {
  const sorted = [...new Set(names)].toSorted();
  if (sorted.length === 0) return { en: '', zh: '' };
  return { en: `; ${en}: ${sorted.join(', ')}`, zh: `；${zh}：${sorted.join('、')}` };
}

/** Consumer groups whose unread messages do not block a change. */
export const ignoredText = (groups: readonly string[]) =>
  alsoNamed(groups, { en: 'groups not counted', zh: '不计入的消费组' });

export const changesNothing: Undo = { none: 'this step changes nothing', zh: '本步骤不做任何修改' };

export function undoText(undo: Undo, language: FindingLanguage = 'en'): string {
  if ('description' in undo) return language === 'zh' ? undo.zh : undo.description;
  return language === 'zh' ? `无：${undo.zh}` : `none: ${undo.none}`;
}

export function blockerText({ what, zh, until }: Blocker, language: FindingLanguage = 'en'): string {
  const text = language === 'zh' ? zh : what;
  if (until === undefined) return text;
  const at = until.toISOString().replace(/\.\d+Z$/, 'Z');
  return language === 'zh' ? `${text}（该阻碍最迟于 ${at} 解除）` : `${text}; the block ends at ${at} at the latest`;
}
