// Reads files printed by `aws cloudwatch get-metric-data`, together with their queries.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { parseJsonFile } from '../../../core/text/parse-json.ts';
import { cloudWatchTelemetry, type Datapoint } from './cloudwatch-figures.ts';
import { MetricDataQuery } from './cloudwatch-queries.ts';
import type { CloudWatchExport } from './config.ts';
import { readSourceFiles } from './source-file.ts';
import type { SourceIo, SourceTelemetry, TelemetryWindow } from './telemetry.ts';

const Message = z.object({ Code: z.string().optional(), Value: z.string().optional() });

/** ISO 8601 with a zone from version 2 of the CLI, seconds since the epoch from version 1, or a date from the SDK. */
const Timestamp = z.union([
  z.number(),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text) / 1000),
  z.date().transform((date) => date.getTime() / 1000),
]);

const Answer = z.object({
  MetricDataResults: z.array(
    z.object({
      Id: z.string(),
      Timestamps: z.array(Timestamp).default([]),
      Values: z.array(z.number()).default([]),
      StatusCode: z.string().optional(),
      Messages: z.array(Message).default([]),
    }),
  ),
  Messages: z.array(Message).default([]),
  NextToken: z.string().optional(),
});

/** The argument of --metric-data-queries, or a whole --cli-input-json. */
const Queries = z.union([
  z.array(MetricDataQuery).min(1),
  z.object({ MetricDataQueries: z.array(MetricDataQuery).min(1) }).transform(({ MetricDataQueries: all }) => all),
]);

/** @throws AppError source-unreadable, source-empty */
export async function readCloudWatchExport(
  source: CloudWatchExport,
  window: TelemetryWindow,
  io: SourceIo,
): Promise<SourceTelemetry> {
  const name = io.name ?? source.files.join(', ');
  const read = new MetricPoints();
  const queries = new Map<string, MetricDataQuery>();
  const take = (file: string, text: string) => {
    const document = parseJsonFile(text, file, 'source-unreadable');
    const stated = Queries.safeParse(document);
    if (stated.success) {
      for (const query of stated.data) queries.set(query.Id, query);
      return;
    }
    const answer = Answer.safeParse(document);
    if (!answer.success) {
      const { path, message } = answer.error.issues[0] ?? { path: [], message: '' };
      throw new AppError(
        'source-unreadable',
        `${file} is neither an answer of get-metric-data nor its queries: ${path.join('.')}: ${message}`,
      );
    }
    read.take(answer.data, file);
  };
  const sha256 = await readSourceFiles(source.files, take, io);
  const unknown = [...read.points.keys()].filter((id) => !queries.has(id));
  if (unknown.length > 0) {
    throw new AppError(
      'source-unreadable',
      `${name}: no query has the Id ${unknown[0]}${unknown.length > 1 ? ` or ${unknown.length - 1} others` : ''} of the answer`,
      {
        hint: 'list the file that was given to --metric-data-queries under `files`, too: an answer does not name its metrics',
      },
    );
  }
  const telemetry = cloudWatchTelemetry({ name, source, queries: [...queries.values()], read }, window);
  return { ...telemetry, source: { ...telemetry.source, sha256 } };
}

/** Collects pages of responses; the values of one Id may span several pages. */
export class MetricPoints {
  readonly points = new Map<string, Datapoint[]>();
  readonly warnings: string[] = [];
  count = 0;
  readonly #incomplete = new Map<string, string>();

  /** @throws AppError source-unreadable */
  take({ MetricDataResults, Messages, NextToken }: z.output<typeof Answer>, from: string): void {
    for (const { Id, Timestamps, Values, StatusCode, Messages: own } of MetricDataResults) {
      if (Timestamps.length !== Values.length) {
        throw new AppError(
          'source-unreadable',
          `${from}: ${Id} has ${Timestamps.length} times for ${Values.length} values`,
        );
      }
      const known = this.points.get(Id) ?? [];
      for (const [index, time] of Timestamps.entries()) known.push([time, Values[index] ?? Number.NaN]);
      this.points.set(Id, known);
      this.count += Values.length;
      if (StatusCode === undefined || StatusCode === 'Complete') this.#incomplete.delete(Id);
      else this.#incomplete.set(Id, StatusCode);
      this.#note(own);
    }
    this.#note(Messages);
    if (NextToken !== undefined) return;
    for (const [id, status] of this.#incomplete) this.warnings.push(`the values of ${id} are not complete (${status})`);
    this.#incomplete.clear();
  }

  #note(messages: readonly z.output<typeof Message>[]): void {
    for (const { Code, Value } of messages) this.warnings.push([Code, Value].filter(Boolean).join(': ').slice(0, 300));
  }
}

/** @throws AppError source-unreadable for a shape that differs from the API documentation */
export function parseAnswer(document: unknown, from: string): z.output<typeof Answer> {
  const answer = Answer.safeParse(document);
  if (!answer.success) throw new AppError('source-unreadable', `${from} gave no answer of GetMetricData`);
  return answer.data;
}
