// Declares the options of every command that changes a cluster: confirmation, lease, freeze, approval and state folder.

import { confirmOption } from '../confirm.ts';
import { flag, text } from '../command.ts';

export const stateFolderOption = {
  'state-dir': text('DIR', 'folder of the journals of changes (default: the XDG state folder)'),
};

const approvalOptions = {
  'write-plan': text('FILE', 'without --execute: also write the plan to a new file, for `plimsoll ops approve`'),
  approval: text('FILE', 'with --execute: approval of this plan by a second person, written by `plimsoll ops approve`'),
};

const permitOptions = {
  'during-freeze': text('REASON', 'start during a change freeze; the reason is kept in the audit log'),
  ...approvalOptions,
};

export const leaseOptions = {
  confirm: confirmOption,
  'take-over': flag(
    'take over the lease (change lock) of a plimsoll process that died: possible after 60 s without a heartbeat; you type the id of the cluster',
  ),
  ...permitOptions,
  ...stateFolderOption,
};
