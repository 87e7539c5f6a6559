"""Mistakes planted in the text of a backward: each rule takes one node of the syntax tree and yields wrong ones."""

import ast
from copy import deepcopy


def is_op(node, *kinds):
    return isinstance(node, ast.BinOp) and isinstance(node.op, kinds)


def with_op(node, op):
    return ast.BinOp(node.left, op, node.right)


def sign_of_a_term(node):
    if is_op(node, ast.Add, ast.Sub):
        yield with_op(node, ast.Sub() if is_op(node, ast.Add) else ast.Add())


def term_lost(node):
    if is_op(node, ast.Add, ast.Sub):
        yield node.left
        yield node.right


def factor_lost(node):
    if is_op(node, ast.Mult):
        yield node.left
        yield node.right


def factor_twice(node):
    if is_op(node, ast.Mult):
        yield ast.BinOp(node, ast.Mult(), node.right)


def divisor_lost(node):
    if is_op(node, ast.Div):
        yield node.left


def divided_twice(node):
    if is_op(node, ast.Div):
        yield ast.BinOp(node, ast.Div(), node.right)


def multiplied_for_divided(node):
    if is_op(node, ast.Div):
        yield with_op(node, ast.Mult())


def is_call(node, name):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name


def renamed(node, name):
    return ast.Call(ast.Attribute(node.func.value, name, ast.Load()), node.args, node.keywords)


def mean_for_sum(node):
    if is_call(node, "sum"):
        yield renamed(node, "mean")


def sum_for_mean(node):
    if is_call(node, "mean"):
        yield renamed(node, "sum")


def sum_lost(node):
    if is_call(node, "sum") or is_call(node, "mean"):
        yield node.func.value


def transpose_lost(node):
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value


def transpose_added(node):
    if is_op(node, ast.MatMult):
        yield ast.BinOp(node.left, ast.MatMult(), ast.Attribute(node.right, "T", ast.Load()))
        yield ast.BinOp(ast.Attribute(node.left, "T", ast.Load()), ast.MatMult(), node.right)


def exponent_off_by_one(node):
    if is_op(node, ast.Pow) and isinstance(node.right, ast.Constant):
        yield ast.BinOp(node.left, ast.Pow(), ast.Constant(node.right.value - 1))
        yield ast.BinOp(node.left, ast.Pow(), ast.Constant(node.right.value + 1))


def condition_turned(node):
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Gt):
        yield ast.Compare(node.left, [ast.Lt()], node.comparators)


def condition_lost(node):
    if isinstance(node, ast.Compare):
        yield ast.BinOp(ast.Constant(1.0), ast.Add(), ast.BinOp(ast.Constant(0), ast.Mult(), node.left))
    if is_call(node, "where"):
        yield node.args[1]
        yield node.args[2]


def loop_too_short(node):
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        yield ast.Call(node.func, [ast.BinOp(node.args[0], ast.Sub(), ast.Constant(1))], [])
        yield ast.Call(node.func, [ast.Constant(1), node.args[0]], [])


def negated_less(node):
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand


TEXTUAL = (
    sign_of_a_term, term_lost, factor_lost, factor_twice, divisor_lost, divided_twice, multiplied_for_divided,
    mean_for_sum, sum_for_mean, sum_lost, transpose_lost, transpose_added, exponent_off_by_one, condition_turned,
    condition_lost, loop_too_short, negated_less,
)  # fmt: skip


class Place(ast.NodeTransformer):
    """Puts the k-th node that a rule yields in its place."""

    def __init__(self, rule, wanted):
        self.rule, self.wanted, self.count = rule, wanted, -1

    def generic_visit(self, node):
        for new in self.rule(node):
            self.count += 1
            if self.count == self.wanted:
                return ast.copy_location(deepcopy(new), node)
        return super().generic_visit(node)

    visit = generic_visit


def mutants(text, rule):
    """Every text that the rule makes of a function's text, one mistake in each."""
    wanted = 0
    while True:
        tree = ast.parse(text)
        place = Place(rule, wanted)
        new = place.visit(tree)
        if place.count < wanted:
            return
        yield ast.unparse(ast.fix_missing_locations(new))
        wanted += 1
