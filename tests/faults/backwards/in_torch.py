"""NumPy's names as PyTorch's, in the text of a file."""

import ast

SCALARS = "torch.tensor({!r}, dtype=torch.float64)"
NEW = {"maximum": "clamp", "repeat": "repeat_interleave", "concatenate": "cat"}


class Translator(ast.NodeTransformer):
    def visit_Call(self, node):
        self.generic_visit(node)
        function, arguments = ast.unparse(node.func), [ast.unparse(a) for a in node.args]
        options = [ast.unparse(keyword) for keyword in node.keywords]
        if function == "torch.maximum":
            return _parse(f"torch.clamp({arguments[0]}, min={arguments[1]})")
        if function == "torch.sqrt" and isinstance(node.args[0], ast.Constant):
            return _parse(f"{arguments[0]} ** 0.5")
        if function == "torch.where":
            constants = [SCALARS.format(a.value) if isinstance(a, ast.Constant) else ast.unparse(a) for a in node.args]
            return _parse(f"torch.where({', '.join(constants)})")
        if function == "torch.zeros":
            return _parse(f"torch.zeros({arguments[0]}, dtype=torch.float64)")
        if function == "torch.repeat":
            return _parse(f"torch.repeat_interleave({', '.join([*arguments, *options])})".replace("axis=", "dim="))
        if function == "torch.flip":
            return _parse(f"torch.flip({arguments[0]}, ({arguments[1]},))")
        if function == "torch.random.rand":
            return _parse("torch.rand_like(X)")
        if function.endswith(".max"):
            return _parse(f"{function.removesuffix('.max')}.amax({', '.join([*arguments, *options])})")
        if function.endswith(".var"):
            return _parse(f"{function}({', '.join([*arguments, *options, 'unbiased=False'])})")
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        return _parse(f"{ast.unparse(node.value)}.numel()") if node.attr == "size" else node

    def visit_Name(self, node):
        return ast.Name("torch", node.ctx) if node.id == "np" else node


def translate(text):
    """Return the text with `torch` for `np`, and PyTorch's names where they differ."""
    tree = Translator().visit(ast.parse(text.replace("import numpy as np", "import torch")))
    return ast.unparse(ast.fix_missing_locations(tree))


def _parse(expression):
    return ast.parse(expression, mode="eval").body
