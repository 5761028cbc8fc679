package io.guardedjdbc.examples.story;

/** A step did not go as told; the message says which and how. */
final class StoryWentWrong extends RuntimeException {
  private static final long serialVersionUID = 1;

  StoryWentWrong(String message) {
    super(message);
  }
}
