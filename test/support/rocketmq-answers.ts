// Provides answers captured from real RocketMQ brokers.

import { readFileSync } from 'node:fs';
import type { Response } from '../../brokers/rocketmq/protocol/frame.ts';

export const capturedVersions = ['4.9.7', '5.3.3'] as const;
export type CapturedVersion = (typeof capturedVersions)[number];

const folder = new URL('../fixtures/wire/rocketmq/', import.meta.url);

/** @param file in the folder of the version, such as `runtime-info.json` */
export function captured(version: CapturedVersion, file: string): Response {
  return { code: 0, fields: {}, body: readFileSync(new URL(`${version}/${file}`, folder)) };
}

export function answerOf(body: string, fields: Readonly<Record<string, string>> = {}): Response {
  return { code: 0, fields, body: Buffer.from(body) };
}

export function refusalOf(code: number, remark: string): Response {
  return { code, fields: {}, remark, body: Buffer.alloc(0) };
}
