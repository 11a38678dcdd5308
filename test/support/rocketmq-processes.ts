// Scripts the processes of a RocketMQ cluster by address and request code.

import { AppError } from '../../core/errors.ts';
import type { RemotingClient, Request, Response } from '../../brokers/rocketmq/protocol/frame.ts';
import { answerOf, refusalOf } from './rocketmq-answers.ts';

/** Responses by request code; a function receives the request. `hangs` accepts connections and never responds. */
export type Process = 'hangs' | Readonly<Record<number, string | Response | ((request: Request) => Response)>>;

export interface ScriptedProcesses extends RemotingClient {
  /** Change it while the test runs: a removed address refuses connections. */
  processes: Record<string, Process>;
  /** Returns `address code` of each request since the last call. */
  asked(): string[];
}

export function scriptProcesses(processes: Record<string, Process>): ScriptedProcesses {
  const asked: string[] = [];
  return {
    processes,
    asked: () => asked.splice(0),
    async ask(address, request, { signal }) {
      asked.push(`${address} ${request.code}`);
      const process = processes[address];
      if (process === undefined)
        throw new AppError('broker-unreachable', `cannot reach ${address}: connection refused`);
      if (process === 'hangs') return hang(signal);
      const answer = process[request.code];
      if (answer === undefined) return refusalOf(3, ` request type ${request.code} not supported`);
      if (typeof answer === 'function') return answer(request);
      return typeof answer === 'string' ? answerOf(answer) : answer;
    },
    onRequest() {},
    async [Symbol.asyncDispose]() {},
  };
}

function hang(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  return promise;
}
