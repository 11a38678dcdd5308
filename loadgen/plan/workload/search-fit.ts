// Rejects workloads with settings that a rate search does not support, before anything is changed.

import { AppError } from '../../../core/errors.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { mostUnderWay } from '../../search/criteria/judge.ts';
import type { Workload } from '../workload.ts';
import { problemList } from './broker-fit.ts';

type SearchedOptions = Pick<Workload, 'groups' | 'delay' | 'transactions'>;

/** @param shortest duration of the shortest trial, in seconds @throws AppError workload-invalid, with all problems */
export function checkSearchFit(workload: SearchedOptions, shortest: number): void {
  const problems = [...searchMisfits(workload, shortest)];
  if (problems.length === 0) return;
  throw new AppError('workload-invalid', `the workload does not fit a rate search:${problemList(problems)}`, {
    hint: 'remove these settings, or use a profile of rates; docs/rate-search.md lists what a search refuses',
  });
}

function* searchMisfits({ groups, delay, transactions }: SearchedOptions, shortest: number): Iterable<string> {
  if (typeof groups !== 'number' && groups.some(({ stopped }) => stopped.length > 0)) {
    yield 'groups: stopped counts from the first step of a profile, and a search has no planned steps';
  }
  const hasGroups = typeof groups === 'number' ? groups > 0 : groups.length > 0;
  if (delay !== undefined && hasGroups) {
    yield 'delay: delayed messages count as consumer lag, and a trial fails if the lag grows';
  }
  if ((transactions?.leftToCheck ?? 0) > 0) {
    yield 'transactions.leftToCheck: brokers check after a trial has ended, so its messages are not acknowledged in it';
  }
  const open = transactions?.duration ?? 0;
  if (open > mostUnderWay * shortest) {
    const [long, trial, most] = [open, shortest, mostUnderWay * shortest].map((each) => durationText(each));
    yield `transactions.duration: ${long} of messages can be uncommitted when a trial of ${trial} ends, at most ${most} may be`;
  }
}
