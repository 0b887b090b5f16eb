"""The search for a maximum, on functions whose minimum is known."""

import numpy as np
import pytest

from orchestration.estimators.maximum_likelihood import fit_result, minimise

BOUNDS = np.array([[-5.0, 5.0], [-5.0, 5.0]])
NOWHERE = np.zeros((2, 2), dtype=bool)
CURVATURE = np.array([[4.0, 1.0], [1.0, 3.0]])


def bowl(centre):
    def objective(point):
        offset = point - centre
        return float(offset @ CURVATURE @ offset / 2 + (offset**4).sum()), (
            CURVATURE @ offset + 4 * offset**3
        )

    return objective


def test_the_lowest_point_and_its_curvature_are_found():
    optimum = minimise(bowl([1.0, -2.0]), [np.zeros(2)], BOUNDS, NOWHERE)
    assert optimum.converged
    np.testing.assert_allclose(optimum.log_params, [1.0, -2.0], rtol=0, atol=1e-10)
    # The inverse of [[4, 1], [1, 3]], by hand.
    np.testing.assert_allclose(
        optimum.covariance, [[3 / 11, -1 / 11], [-1 / 11, 4 / 11]], atol=1e-7
    )


def test_every_start_leads_to_the_same_point_to_the_last_digits():
    # On a high level, where the value is rounded long before the slope is: as likelihoods are.
    def high_bowl(point):
        value, gradient = bowl([1.0, -2.0])(point)
        return value + 1000.0, gradient

    draw = np.random.default_rng(8)
    ends = [
        minimise(high_bowl, [draw.uniform(-5, 5, 2)], BOUNDS, NOWHERE).log_params for _ in range(20)
    ]
    np.testing.assert_allclose(ends, np.tile([1.0, -2.0], (20, 1)), rtol=0, atol=1e-11)


def test_a_narrow_bent_valley_is_followed_to_its_end():
    def valley(point):
        x, y = point
        bend = y - x**2
        return (1 - x) ** 2 + 1e5 * bend**2, np.array([-2 * (1 - x) - 4e5 * x * bend, 2e5 * bend])

    optimum = minimise(valley, [np.array([-2.0, 2.0])], BOUNDS, NOWHERE)
    assert optimum.converged
    np.testing.assert_allclose(optimum.log_params, [1.0, 1.0], atol=1e-7)


def test_an_end_of_the_search_is_an_answer_only_where_it_was_declared_sound():
    beyond = bowl([9.0, 0.0])
    assert not minimise(beyond, [np.zeros(2)], BOUNDS, NOWHERE).converged
    sound = np.array([[False, True], [False, False]])
    optimum = minimise(beyond, [np.zeros(2)], BOUNDS, sound)
    assert optimum.converged
    assert optimum.free.tolist() == [False, True]
    assert optimum.log_params[0] == 5.0


def test_another_start_is_tried_when_the_first_leads_to_a_saddle():
    def two_wells(point):
        x, y = point
        return (x**2 - 1) ** 2 + y**2, np.array([4 * x * (x**2 - 1), 2 * y])

    optimum = minimise(two_wells, [np.zeros(2), np.array([0.5, 0.5])], BOUNDS, NOWHERE)
    assert optimum.converged
    assert optimum.log_params[0] == pytest.approx(1.0)


def test_a_parameter_at_its_bound_has_no_standard_error():
    sound = np.array([[False, True], [False, False]])
    optimum = minimise(bowl([9.0, 0.0]), [np.zeros(2)], BOUNDS, sound)
    result = fit_result(
        None,
        {"first": float(np.exp(5)), "second": 2.0},
        optimum,
        log_likelihood=-1.0,
        tuple_count=3,
        customer_count=100.0,
    )
    assert result.parameters_at_bound == ("first",)
    assert result.log_param_names == ("second",)
    assert result.log_param_covariance.shape == (1, 1)
    assert list(result.standard_errors) == ["second"]
    # Delta method: estimate times the square root of (inverse curvature / customers).
    expected = 2.0 * np.sqrt(optimum.covariance[0, 0] / 100)
    assert result.standard_errors["second"] == pytest.approx(expected)


def test_a_direction_that_nothing_is_said_of_is_no_minimum():
    def trench(point):
        across = point[0] + point[1] - 1
        return across**2, np.array([2 * across, 2 * across])

    optimum = minimise(trench, [np.zeros(2)], BOUNDS, NOWHERE)
    assert not optimum.converged
    assert optimum.covariance.shape == (0, 0)
