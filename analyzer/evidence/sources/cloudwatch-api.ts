// Reads metrics from the CloudWatch API: GetMetricData in pages, through the AWS SDK, with its credential chain.

import { AppError } from '../../../core/errors.ts';
import { loadOptionalPackage } from '../../../core/optional-package.ts';
import { MetricPoints, parseAnswer } from './cloudwatch-export.ts';
import { cloudWatchTelemetry } from './cloudwatch-figures.ts';
import { queriesFor, type MetricDataQuery } from './cloudwatch-queries.ts';
import type { CloudWatchApi } from './config.ts';
import type { SourceIo, SourceTelemetry, TelemetryWindow } from './telemetry.ts';
import { systemClock } from '../../../core/clock.ts';
import { defined } from '../../../core/defined.ts';

/** The used part of the package. */
interface Sdk {
  CloudWatchClient: new (options: object) => Client;
  GetMetricDataCommand: new (input: object) => object;
}

interface Client {
  send(command: object, options: { abortSignal: AbortSignal }): Promise<unknown>;
  destroy(): void;
}

const isSdk = (module: unknown): module is Sdk =>
  typeof (module as Partial<Sdk> | undefined)?.GetMetricDataCommand === 'function';

/** Limit of the API for one request. */
const mostQueries = 500;
/** Limit of values in memory, as for other sources. */
const mostValues = 3_000_000;
/** The SDK increases the wait between attempts, so a throttled account gets few requests. */
const mostAttempts = 4;

/**
 * Ages at which CloudWatch drops shorter periods:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
const retention = [
  { olderThanDays: 63, periodSeconds: 3600 },
  { olderThanDays: 15, periodSeconds: 300 },
];

/** @throws AppError prerequisite-missing, credentials-refused, cloudwatch-refused, source-empty, usage */
export async function readCloudWatchApi(
  source: CloudWatchApi,
  window: TelemetryWindow,
  io: SourceIo,
): Promise<SourceTelemetry> {
  const name = io.name ?? `CloudWatch in ${source.region}`;
  const queries = queriesFor(source, storedPeriod(source.period, window.from, (io.clock ?? systemClock).now()));
  if (queries.length === 0) {
    throw new AppError('usage', `${name} has nothing to read`, {
      hint: 'state EC2 instances under `hosts`, or an MSK cluster under `msk`',
    });
  }
  refuseTooMuch(queries, window);
  const read = new MetricPoints();
  await readPages(source, queries, { window, io, read });
  return cloudWatchTelemetry({ name, source, queries, read }, window);
}

function storedPeriod(period: number, from: Date, now: Date): number {
  const days = (now.getTime() - from.getTime()) / 86_400_000;
  const least = retention.find(({ olderThanDays }) => days > olderThanDays)?.periodSeconds ?? period;
  return Math.ceil(Math.max(period, least) / least) * least;
}

function refuseTooMuch(queries: readonly Required<MetricDataQuery>[], { from, to }: TelemetryWindow): void {
  const [{ MetricStat }] = queries as [Required<MetricDataQuery>];
  const seconds = (to.getTime() - from.getTime()) / 1000;
  const values = (queries.length * seconds) / (MetricStat?.Period ?? 60);
  if (values <= mostValues) return;
  const period = Math.ceil((queries.length * seconds) / mostValues / 60) * 60;
  throw new AppError(
    'usage',
    `${queries.length} metrics over ${Math.round(seconds)} s are ${Math.round(values)} values, and ${mostValues} are held at once`,
    { hint: `set \`period: ${period}s\` or more, or use a shorter window` },
  );
}

async function readPages(
  source: CloudWatchApi,
  queries: readonly Required<MetricDataQuery>[],
  { window, io, read }: { window: TelemetryWindow; io: SourceIo; read: MetricPoints },
): Promise<void> {
  const sdk = loadOptionalPackage('@aws-sdk/client-cloudwatch', 'CloudWatch', isSdk);
  const { region, profile, endpoint } = source;
  const client = new sdk.CloudWatchClient(defined({ region, maxAttempts: mostAttempts, profile, endpoint }));
  try {
    for (let first = 0; first < queries.length; first += mostQueries) {
      let token: string | undefined;
      do {
        const input = {
          MetricDataQueries: queries.slice(first, first + mostQueries),
          StartTime: window.from,
          EndTime: window.to,
          ScanBy: 'TimestampAscending',
          ...(token !== undefined && { NextToken: token }),
        };
        const page = parseAnswer(await pageOf(client, new sdk.GetMetricDataCommand(input), source, io.signal), region);
        read.take(page, region);
        if (read.count > mostValues)
          throw new AppError('cloudwatch-refused', `${region} gave more than ${mostValues} values`);
        if (page.NextToken !== undefined && page.NextToken === token) {
          throw new AppError('cloudwatch-refused', `${region} gave the same page token twice`);
        }
        token = page.NextToken;
      } while (token !== undefined);
      io.progress?.(Math.min(1, (first + mostQueries) / queries.length));
    }
  } finally {
    client.destroy();
  }
}

async function pageOf(
  client: Client,
  command: object,
  source: CloudWatchApi,
  abortSignal: AbortSignal,
): Promise<unknown> {
  try {
    return await client.send(command, { abortSignal });
  } catch (cause) {
    abortSignal.throwIfAborted();
    throw faultOf(cause as Error, source);
  }
}

const denied = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/;
const badCredentials =
  /^(CredentialsProviderError|ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|MissingAuthenticationToken|RequestExpired|InvalidSignatureException)$/;
const throttled = /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded)$/;

/** AWS error messages contain the caller and the action, but no secret. */
function faultOf(cause: Error, { region, profile }: CloudWatchApi): AppError {
  const text = cause.message.replace(/\s+/g, ' ').slice(0, 300);
  const as = profile === undefined ? '' : ` with profile ${profile}`;
  if (denied.test(cause.name)) {
    return new AppError('credentials-refused', `CloudWatch in ${region} denied GetMetricData${as}: ${text}`, {
      hint: 'allow cloudwatch:GetMetricData for this user or role in IAM (and in the policy of the endpoint, if there is one)',
      cause,
    });
  }
  if (badCredentials.test(cause.name)) {
    return new AppError(
      'credentials-refused',
      `AWS accepted no credentials for CloudWatch in ${region}${as}: ${text}`,
      {
        hint: 'give the process credentials of a profile, of the environment or of its instance; `aws sts get-caller-identity` shows whether they work, and a wrong clock makes them invalid',
        cause,
      },
    );
  }
  if (throttled.test(cause.name)) {
    return new AppError('cloudwatch-refused', `CloudWatch in ${region} throttled ${mostAttempts} attempts: ${text}`, {
      hint: 'try again later, use a shorter window or a longer `period`, or have the quota of GetMetricData raised',
      cause,
    });
  }
  return new AppError(
    'cloudwatch-refused',
    `cannot call GetMetricData of CloudWatch in ${region}: ${cause.name}: ${text}`,
    { cause },
  );
}
