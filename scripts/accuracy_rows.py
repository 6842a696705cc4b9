"""What every mapping of a measured row to questions is made of: a comparison, why there is none, and how a row holds its numbers."""


class NotExpressed(Exception):
    """Why a row has no question."""


class Comparison:
    """One measured number. `questions` are asked all; the least answer counts where a row leaves a choice to its authors, or what
    `choose` takes of the answers. Where none has an answer, those of `otherwise` are asked one after another. The output times `factor`
    is what was measured; or, where `over` is given, `over` divided by it."""

    def __init__(self, metric, measured, output, questions, bound=None, bound_output=None, factor=1, over=None, choose=None,
                 otherwise=()):
        self.metric = metric
        self.measured = measured
        self.output = output
        self.questions = questions
        self.bound = bound
        self.bound_output = bound_output or output
        self.factor = factor
        self.over = over
        self.choose = choose
        self.otherwise = list(otherwise)

    def of(self, value):
        return self.over / value if self.over else self.factor * value


def number(value, otherwise=None):
    """A count that a row may hold as a number, as a text, or not at all."""
    if isinstance(value, bool) or value is None:
        return otherwise
    if isinstance(value, (int, float)):
        return value
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return otherwise


def least_one(value):
    return max(1, number(value, 1))
