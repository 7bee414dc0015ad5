"""Plain PyTorch, tuned in several ways, and Pythae with the same layers."""

import contextlib
import tempfile

import numpy as np
import torch
from torch import nn
from torch.nn import functional

LATENT_DIM = 2


def _same(kernel, stride, size):
    """TensorFlow's "same" padding of a strided convolution: what is odd goes right and down."""
    total = max(0, kernel - stride if size % stride == 0 else kernel - size % stride)
    return (total // 2, total - total // 2) * 2


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 32, 3, stride=2), nn.Conv2d(32, 64, 3, stride=2)
        self.dense = nn.Linear(7 * 7 * 64, 256)
        self.mean, self.log_variance = nn.Linear(256, LATENT_DIM), nn.Linear(256, LATENT_DIM)

    def forward(self, x):
        x = functional.relu(self.first(functional.pad(x, _same(3, 2, 28))))
        x = functional.relu(self.second(functional.pad(x, _same(3, 2, 14))))
        x = functional.relu(self.dense(x.flatten(1)))
        return self.mean(x), self.log_variance(x)


class Decoder(nn.Module):
    """Pixels as logits."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(LATENT_DIM, 7 * 7 * 64)
        double = {"stride": 2, "padding": 1, "output_padding": 1}
        self.first, self.second = (
            nn.ConvTranspose2d(64, 64, 3, **double),
            nn.ConvTranspose2d(64, 32, 3, **double),
        )
        self.last = nn.Conv2d(32, 1, 3, padding=1)

    def forward(self, z):
        x = functional.relu(self.dense(z)).reshape(-1, 64, 7, 7)
        return self.last(functional.relu(self.second(functional.relu(self.first(x)))))


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()

    def forward(self, x):
        """Reconstruction + KL in nats, averaged over the images."""
        mean, log_variance = (each.float() for each in self.encoder(x))
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        logits = self.decoder(z).float()
        reconstruction = functional.binary_cross_entropy_with_logits(logits, x.float(), reduction="sum")
        kl = -0.5 * torch.sum(1 + log_variance - mean**2 - log_variance.exp())
        return (reconstruction + kl) / len(x)


def train(images, test_images, batch_size, steps, on_step, which="torch", **options):
    torch.manual_seed(0)
    if which == "pythae":
        images = images[: steps * batch_size]
        return pythae(images, test_images, batch_size, on_step=on_step)
    return _torch(images, test_images, batch_size, steps, on_step, **options)


def _floats(pixels):
    return torch.from_numpy(pixels).float().div_(255.0)[:, None]


def _test_loss(loss_of, test_images):
    with torch.no_grad():
        parts = [float(loss_of(_floats(part))) for part in np.split(test_images, len(test_images) // 1000)]
    return sum(parts) / len(parts)


def _torch(
    images, test_images, batch_size, steps, on_step, channels_last=False, bfloat16=False, compiled=False
):
    vae = VAE()
    if channels_last:
        vae = vae.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(vae.parameters(), lr=1e-3)
    loss_of = torch.compile(vae) if compiled else vae
    pixels = torch.from_numpy(images)
    order = torch.randperm(len(pixels))[: steps * batch_size].split(batch_size)
    for rows in order:
        x = pixels[rows].float().div_(255.0)[:, None]
        if channels_last:
            x = x.to(memory_format=torch.channels_last)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16) if bfloat16 else contextlib.nullcontext():
            loss = loss_of(x)
        loss.backward()
        optimizer.step()
        on_step()
    return _test_loss(vae, test_images)


def pythae(images, test_images, batch_size, epochs=1, on_step=None, on_epoch=None, device="cpu"):
    """`on_epoch(is_over)` is called as an epoch begins and when it is over."""
    from pythae import models
    from pythae.data.datasets import BaseDataset
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback

    class PythaeEncoder(BaseEncoder):
        def __init__(self):
            super().__init__()
            self.body = Encoder()

        def forward(self, x):
            mean, log_variance = self.body(x)
            return ModelOutput(embedding=mean, log_covariance=log_variance)

    class PythaeDecoder(BaseDecoder):
        def __init__(self):
            super().__init__()
            self.body = Decoder()

        def forward(self, z):
            return ModelOutput(reconstruction=torch.sigmoid(self.body(z)))

    class Watch(TrainingCallback):
        def on_train_step_end(self, training_config, **kwargs):
            if on_step:
                on_step()

        def on_epoch_begin(self, training_config, **kwargs):
            if on_epoch:
                on_epoch(is_over=False)

        def on_epoch_end(self, training_config, **kwargs):
            if on_epoch:
                on_epoch(is_over=True)

    config = models.VAEConfig(input_dim=(1, 28, 28), latent_dim=LATENT_DIM, reconstruction_loss="bce")
    model = models.VAE(config, encoder=PythaeEncoder(), decoder=PythaeDecoder())
    pixels = _floats(images)
    with tempfile.TemporaryDirectory() as folder:
        training = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=epochs,
            learning_rate=1e-3,
            per_device_train_batch_size=batch_size,
            no_cuda=device == "cpu",
        )
        dataset = BaseDataset(data=pixels, labels=torch.zeros(len(pixels)))
        BaseTrainer(model, dataset, training_config=training, callbacks=[Watch()]).train()
    model.eval()
    return _test_loss(lambda x: model({"data": x.to(device)}).loss, test_images)
