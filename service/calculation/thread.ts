// Runs calculations in the worker thread, one at a time.

import { parentPort } from 'node:worker_threads';
import { AppError } from '../../core/errors.ts';
import { calculate, type AnswerTo, type Question } from './calculation.ts';

export type FromThread =
  | { kind: 'answer'; answer: AnswerTo<Question> }
  | { kind: 'fault'; code: AppError['code']; message: string; hint: string };

parentPort?.on('message', (question: Question) => {
  void calculate(question).then(
    (answer) => parentPort?.postMessage({ kind: 'answer', answer } satisfies FromThread),
    (error: unknown) => {
      const fault = error instanceof AppError ? error : new AppError('unexpected', String(error));
      const { code, message, hint } = fault;
      parentPort?.postMessage({ kind: 'fault', code, message, hint } satisfies FromThread);
    },
  );
});
