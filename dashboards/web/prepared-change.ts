// Renders how to check and then execute a prepared action, with the permissions of both. The service executes nothing.

import type { PreparedAction } from '../../core/documents/event-outlook.ts';
import { html, type Content, type Html } from '../../core/text/html.ts';
import { bilingual } from '../../core/text/bilingual.ts';
import { commandLine } from './layout.ts';
import type { View } from './view.ts';

export interface ChangeStep {
  /** Command that changes nothing. */
  check: string;
  execute: string;
  /** Least permissions of both, one line each. */
  permissions: readonly string[];
}

export type ShownAction = PreparedAction & { steps?: readonly ChangeStep[] };

const texts = bilingual({
  prepare: ['Prepare this change', '查看执行步骤'],
  check: ['1. Check: changes nothing', '1. 先检查：不做任何改动'],
  execute: ['2. Execute', '2. 执行'],
  permissions: ['Required permissions', '所需权限'],
  notExecuted: [
    'Run the commands in your own shell: the service executes nothing.',
    '请在自己的终端中运行这些命令：服务本身不会执行。',
  ],
  copy: ['Copy', '复制'],
  copied: ['Copied.', '已复制。'],
});

export function renderSteps(steps: readonly ChangeStep[] | undefined, { language }: View): Content {
  if (steps === undefined || steps.length === 0) return undefined;
  const own = texts[language];
  const permissions = [...new Set(steps.flatMap((step) => step.permissions))];
  return html`<details class="prepare">
    <summary>${own.prepare}</summary>
    <p><strong>${own.check}</strong></p>
    ${steps.map(({ check }) => renderCommand(check, own))}
    <p><strong>${own.execute}</strong></p>
    ${steps.map(({ execute }) => renderCommand(execute, own))}
    ${
      permissions.length > 0 &&
      html`<p><strong>${own.permissions}</strong></p>
        <ul lang="en">
          ${permissions.map((permission) => html`<li>${permission}</li>`)}
        </ul>`
    }
    <p class="quiet">${own.notExecuted}</p>
  </details>`;
}

/** Renders a command with a button that copies its text. */
const renderCommand = (command: string, { copy, copied }: (typeof texts)['en']): Html =>
  html`<p class="command">
    ${commandLine(command)}
    <span class="tools" hidden><button type="button" data-copy-command="${copied}">${copy}</button></span>
  </p>`;
