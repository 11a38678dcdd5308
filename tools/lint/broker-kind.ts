// Lint rules: use a trait of a broker kind (core/broker-kind/) instead of comparing its name or testing for its part.

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

const partMessage =
  'tests for the kind by a part that only one kind has: ask traitsOf(kind) for a trait, or test the field that is used';

interface Expression extends SyntaxNode {
  name?: string;
  property?: Expression;
  expression?: Expression;
}

/** Matches `snapshot.rocketmq`, `snapshot?.kafka`, or a variable with that name. */
const isPartOfKind = ({ type, name, property, expression }: Expression): boolean => {
  if (type === 'ChainExpression') return expression !== undefined && isPartOfKind(expression);
  const last = type === 'MemberExpression' ? property : { type, name };
  return last?.type === 'Identifier' && (brokerKinds as readonly unknown[]).includes(last.name);
};

const isNothing = ({ type, name, value }: Expression) =>
  (type === 'Identifier' && name === 'undefined') || (type === 'Literal' && value === null);

const noBrokerPartTest = {
  create(context: RuleContext) {
    const check = (node: SyntaxNode, tested: Expression) => {
      if (isPartOfKind(tested)) context.report({ message: partMessage, node });
    };
    return {
      BinaryExpression(node: SyntaxNode & { left: Expression; right: Expression }) {
        if (isNothing(node.right)) check(node, node.left);
        if (isNothing(node.left)) check(node, node.right);
      },
      IfStatement: (node: SyntaxNode & { test: Expression }) => check(node, node.test),
      ConditionalExpression: (node: SyntaxNode & { test: Expression }) => check(node, node.test),
      UnaryExpression(node: SyntaxNode & { operator: string; argument: Expression }) {
        if (node.operator === '!') check(node, node.argument);
      },
    };
  },
};

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
const plugin = {
  meta: { name: 'plimsoll' },
  rules: { 'no-broker-kind-test': noBrokerKindTest, 'no-broker-part-test': noBrokerPartTest },
};
export { plugin as default };
