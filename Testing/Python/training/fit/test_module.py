"""A stage's loss as it is trained: its terms, deep supervision, recomputed blocks, the schedule."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from BrainTumorVAESegLib.networks.losses import LossSettings, dice_loss
from BrainTumorVAESegLib.training.fit.module import Exact, StageModule, learning_rate
from BrainTumorVAESegLib.training.settings import StageTraining
from torch import nn


@pytest.fixture
def batch() -> tuple[torch.Tensor, Exact]:
    x = torch.randn(1, 4, 16, 16, 16, generator=torch.Generator().manual_seed(4))
    return x, Exact((x[:, :3] > 0.5).float(), x)


def test_the_loss_is_its_terms_weighted(tiny_stage, batch):
    module = StageModule(tiny_stage, StageTraining(loss=LossSettings(l2=0.5, kl=2.0)))
    values = {name: float(value.detach()) for name, value in module(*batch).items()}
    assert values["loss"] == pytest.approx(values["dice_loss"] + 0.5 * values["l2"] + 2.0 * values["kl"], rel=1e-5)
    soft = 3 - values["dice_WT"] - values["dice_TC"] - values["dice_ET"]
    assert values["dice_loss"] == pytest.approx(soft, rel=1e-5)


def test_without_reconstruction_two_terms_are_0_and_the_branch_is_gone(tiny_stage, batch):
    module = StageModule(tiny_stage, StageTraining(reconstruct=False))
    values = module(*batch)
    assert (float(values["l2"]), float(values["kl"])) == (0.0, 0.0) and module.network.vae is None


def test_the_branch_learns_in_one_of_so_many_steps_alone(tiny_stage, batch):
    module = StageModule(tiny_stage, StageTraining(reconstruct_every=3))
    learned = []
    for step in range(7):
        module.set_step(step)
        values = module(*batch)
        assert bool(values["l2"].detach() > 0) == (not module.idle)
        learned.append(not module.idle)
        values["loss"].backward()  # every parameter has a gradient, which processes that train together wait for
        assert all(parameter.grad is not None for parameter in module.parameters())
    assert learned == [True, False, False, True, False, False, True]


def test_a_loss_without_the_branch_is_the_rest_of_the_loss(tiny_stage, batch):
    module = StageModule(tiny_stage, StageTraining(reconstruct_every=2))
    module.eval()
    losses = []
    for step in range(2):
        module.set_step(step)
        losses.append({name: float(value.detach()) for name, value in module(*batch).items()})
    assert losses[1]["loss"] == pytest.approx(losses[0]["dice_loss"], rel=1e-5)


def test_deep_supervision_adds_the_loss_of_the_coarser_levels_heads(tiny_stage, batch):
    torch.manual_seed(0)
    module = StageModule(tiny_stage, StageTraining(deep_supervision=0.4, reconstruct=False))
    seen = []
    for level in (1, 2):
        module.network.decoder[level].register_forward_hook(lambda _, __, out: seen.append(out))
    values = module(*batch)
    coarse, fine = seen
    expected = values["dice_loss"]
    for weight, head, features, factor in ((0.4, module.heads[0], fine, 2), (0.2, module.heads[1], coarse, 4)):
        small = nn.functional.avg_pool3d(batch[1].target, factor)
        expected = expected + weight * dice_loss(torch.sigmoid(head(features)), small)
    assert float(values["loss"].detach()) == pytest.approx(float(expected.detach()), rel=1e-5)
    values["loss"].backward()
    assert all(head.weight.grad is not None and head.weight.grad.any() for head in module.heads)


def test_deep_supervision_leaves_no_trace_in_what_is_kept(tiny_stage):
    plain = StageModule(tiny_stage, StageTraining())
    deep = StageModule(tiny_stage, StageTraining(deep_supervision=0.4))
    assert set(deep.network.state_dict()) == set(plain.network.state_dict())
    assert len(deep.heads) == 2 and len(plain.heads) == 0


def test_recomputed_blocks_keep_less_and_give_the_same_gradients(tiny_stage, batch):
    gradients, kept = [], []
    for checkpointing in (False, True):
        torch.manual_seed(0)
        module = StageModule(tiny_stage, StageTraining(checkpointing=checkpointing, reconstruct=False))
        sizes: list[int] = []
        with torch.autograd.graph.saved_tensors_hooks(lambda t, s=sizes: (s.append(t.numel()), t)[1], lambda t: t):
            values = module(*batch)
        kept.append(sum(sizes))
        values["loss"].backward()
        gradients.append({name: p.grad for name, p in module.network.named_parameters()})
    assert kept[1] < 0.6 * kept[0]
    assert all(torch.allclose(gradients[0][name], gradients[1][name], atol=1e-6) for name in gradients[0])


def test_compiling_is_asked_of_torch_for_the_network_alone(tiny_stage, monkeypatch):
    asked = []
    monkeypatch.setattr(nn.Module, "compile", lambda self: asked.append(self))
    module = StageModule(tiny_stage, StageTraining(compile=True))
    assert asked == [module.network]


@pytest.mark.parametrize(
    ("training", "factors"),
    [
        (StageTraining(steps=10), {0: 1.0, 5: 0.5**0.9, 9: 0.1**0.9, 10: 0.0}),
        (StageTraining(steps=14, warmup=4), {0: 0.25, 3: 1.0, 4: 1.0, 9: 0.5**0.9, 14: 0.0}),
        (StageTraining(steps=10, schedule="cosine"), {0: 1.0, 5: 0.5, 10: 0.0, 12: 0.0}),
    ],
    ids=["as published", "warm-up", "cosine"],
)
def test_the_learning_rate_falls_as_the_schedule_says(training, factors):
    rates = {step: learning_rate(replace(training, learning_rate=2.0), step) for step in factors}
    assert rates == pytest.approx({step: 2.0 * factor for step, factor in factors.items()}, abs=1e-6)


@pytest.mark.parametrize(("name", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)])
def test_the_optimizer_is_the_one_wished_for(tiny_stage, name, kind):
    training = StageTraining(optimizer=name, learning_rate=0.5, weight_decay=0.25)
    optimizer = StageModule(tiny_stage, training).make_optimizer()
    assert type(optimizer) is kind
    assert optimizer.defaults["lr"] == 0.5 and optimizer.defaults["weight_decay"] == 0.25
