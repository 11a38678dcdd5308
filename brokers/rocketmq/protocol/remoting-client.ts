// Sends requests to name servers, brokers and controllers over one connection per address.

import { systemClock, type Clock } from '../../../core/clock.ts';
import type { Request, Response } from './frame.ts';
import { Link, type LinkOptions } from './link.ts';
import type { SeriesClient } from './request-series.ts';

export interface RemotingOptions {
  /** Name of the cluster, for messages. */
  name: string;
  config: LinkOptions['config'];
  clock?: Clock;
}

/** Links unused for this long are closed: brokers leave a cluster, or come back at another address. */
const forgetSeconds = 3600;

/** Connects on demand, and again after a connection broke. */
export function createRemotingClient({ name, config, clock = systemClock }: RemotingOptions): SeriesClient {
  const links = new Map<string, Link>();
  const answers = new Map<number, (request: Request, from: string) => Response | undefined>();

  function linkTo(address: string): Link {
    let link = links.get(address);
    if (link === undefined) {
      forgetUnused();
      link = new Link({
        address,
        cluster: name,
        config,
        clock,
        answer: ({ code, fields, body }) => answers.get(code)?.({ code, fields, body }, address),
      });
      links.set(address, link);
    }
    return link;
  }

  function forgetUnused(): void {
    for (const [address, link] of links) {
      if (link.unusedSeconds < forgetSeconds) continue;
      link.close();
      links.delete(address);
    }
  }

  return {
    ask: (address, request, io) => linkTo(address).use(request, io, (connection, signed) => connection.ask(signed, io)),
    tell: (address, request, io) =>
      linkTo(address).use(request, io, (connection, signed) => connection.tell(signed, io)),
    askSeries: (address, series, io) => linkTo(address).askSeries(series, io),
    tellAll: (address, series, io) => linkTo(address).tellAll(series, io),
    onRequest: (code, answer) => void answers.set(code, answer),
    async [Symbol.asyncDispose]() {
      for (const link of links.values()) link.close();
    },
  };
}
