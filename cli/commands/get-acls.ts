// Implements `plimsoll get acls`: permissions as brokers report them.

import { aclRules } from '../../app/observe/acl-rules.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { reportOn, reportOptions } from '../cluster-report.ts';
import { defineCommand, text } from '../command.ts';

export const getAclsCommand = defineCommand({
  options: { ...reportOptions('rules'), subject: text('NAME', 'only of this subject, such as User:alice') },
  examples: ['plimsoll get acls', 'plimsoll get acls --subject User:alice --json'],

  async run(io) {
    const { subject } = io.options;
    return reportOn(io, async ({ name, config, colours }) => {
      const all = await aclRules({ name, config }, io);
      const rules = all
        .filter((rule) => subject === undefined || rule.subject === subject)
        .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      const rows = rules.map((rule) => [
        rule.subject,
        rule.decision,
        rule.actions.join(', '),
        rule.resource,
        rule.name,
        rule.sources.length === 0 ? 'any' : rule.sources.join(', '),
        rule.broker,
      ]);
      return {
        json: { rules },
        text: rows.length === 0 ? 'no rules\n' : renderTable(columns, rows, { colours }),
        notices: [],
      };
    });
  },
});

const keyOf = ({ subject, resource, name, broker = '' }: Awaited<ReturnType<typeof aclRules>>[number]) =>
  [subject, resource, name, broker].join('\u0000');

const columns = columnsOf(['SUBJECT', 'DECISION', 'ACTIONS', 'RESOURCE', 'NAME', 'FROM', 'BROKER']);
