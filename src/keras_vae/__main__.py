"""`python -m keras_vae`: the command."""

from keras_vae.cli import main

if __name__ == "__main__":
    main()
