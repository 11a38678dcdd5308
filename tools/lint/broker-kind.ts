// Lint rule: code asks for a trait of a broker kind (core/broker-kind/) instead of comparing its name.

import { brokerKinds } from '../../core/cluster.ts';

interface SyntaxNode {
  type: string;
  value?: unknown;
}

interface RuleContext {
  report(problem: { message: string; node: SyntaxNode }): void;
}

const message =
  'compares the name of a broker kind: ask traitsOf(kind) for a trait, or dispatch by a table of all kinds (core/broker-kind/registry.ts)';

const isKindName = ({ type, value }: SyntaxNode) =>
  type === 'Literal' && (brokerKinds as readonly unknown[]).includes(value);

const noBrokerKindTest = {
  create: (context: RuleContext) => ({
    BinaryExpression(node: SyntaxNode & { left: SyntaxNode; right: SyntaxNode }) {
      if (isKindName(node.left) || isKindName(node.right)) context.report({ message, node });
    },
    SwitchCase(node: SyntaxNode & { test: SyntaxNode | null }) {
      if (node.test !== null && isKindName(node.test)) context.report({ message, node });
    },
  }),
};

// The linter loads the default export of a plug-in.
const plugin = { meta: { name: 'plimsoll' }, rules: { 'no-broker-kind-test': noBrokerKindTest } };
export { plugin as default };
