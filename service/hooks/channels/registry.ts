// Lists notification channel kinds by vendor.

import type { Channel, ChannelOf, Vendor } from '../../../app/config/service-hooks.ts';
import type { ChannelKind } from './channel.ts';

const kinds: { readonly [Of in Vendor]: ChannelKind<ChannelOf<Of>> } = {
  dingtalk: (await import('./dingtalk.ts')).dingtalk,
  feishu: (await import('./feishu.ts')).feishu,
  wecom: (await import('./wecom.ts')).wecom,
  slack: (await import('./slack.ts')).slack,
  pagerduty: (await import('./pagerduty.ts')).pagerduty,
  mail: (await import('./mail.ts')).mail,
};

/** The cast is safe, because a kind receives only channels of its vendor. */
export const kindOf = ({ vendor }: Channel): ChannelKind<Channel> => kinds[vendor];
