package io.daxtier.reconfigure.dax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AllowedPathsTest {

  @TempDir Path temp;
  Path folder;
  Path outside;
  AllowedPaths paths;

  @BeforeEach
  void lay() throws IOException {
    Path real = temp.toRealPath();
    folder = Files.createDirectory(real.resolve("in"));
    outside = Files.createDirectory(real.resolve("out"));
    Files.createFile(outside.resolve("secret"));
    paths = new AllowedPaths(List.of(folder + "/dax*"), List.of());
  }

  private Path link(String name, Path target) throws IOException {
    return Files.createSymbolicLink(folder.resolve(name), target);
  }

  @Test
  void allowed_matchesWhetherItExistsOrNot() throws IOException {
    Path there = Files.createFile(folder.resolve("dax0.0"));

    assertThat(paths.allowed(there)).contains(there);
    assertThat(paths.allowed(folder.resolve("dax9.9"))).contains(folder.resolve("dax9.9"));
    assertThat(paths.allowed(folder.resolve("disk0"))).isEmpty();
    assertThat(paths.allowed(outside.resolve("secret"))).isEmpty();
    assertThat(paths.allowed(outside.resolve("missing"))).isEmpty();
    assertThat(paths.allowed(Path.of("/"))).isEmpty();
    assertThat(paths.allowed(Path.of("dax0"))).isEmpty();
  }

  @Test
  void allowed_starStaysWithinAName() {
    assertThat(paths.allowed(folder.resolve("dax0/dax1"))).isEmpty();
    assertThat(new AllowedPaths(List.of(folder + "/**"), List.of()).allowed(folder.resolve("a/b")))
        .isPresent();
  }

  @Test
  void allowed_judgesWhereALinkLeads() throws IOException {
    Path device = Files.createFile(folder.resolve("dax0"));

    assertThat(paths.allowed(link("alias", device))).contains(device);
    assertThat(paths.allowed(link("dax-relative", Path.of("dax0")))).contains(device);
    assertThat(paths.allowed(link("dax-out", outside.resolve("secret")))).isEmpty();
    assertThat(paths.allowed(link("dax-chain", folder.resolve("dax-out")))).isEmpty();
    assertThat(paths.allowed(Files.createSymbolicLink(outside.resolve("back"), device)))
        .contains(device);
  }

  @Test
  void allowed_linkToNothing_tellsNothing() throws IOException {
    assertThat(paths.allowed(link("dax-gone", outside.resolve("missing")))).isEmpty();
    assertThat(paths.allowed(link("dax-up", Path.of("../out/missing")))).isEmpty();
    assertThat(paths.allowed(link("dax-in", Path.of("dax7")))).contains(folder.resolve("dax7"));
  }

  @Test
  void allowed_dotsAreFollowedAsTheKernelDoes() throws IOException {
    Path sub = Files.createDirectory(outside.resolve("sub"));
    link("dax-sub", sub);

    assertThat(paths.allowed(folder.resolve("dax-sub/../secret"))).isEmpty();
    assertThat(paths.allowed(outside.resolve("../in/./dax1"))).contains(folder.resolve("dax1"));
    assertThat(paths.allowed(folder.resolve("dax/../../out/secret"))).isEmpty();
    assertThat(paths.allowed(Path.of("/../../.." + folder + "/dax1")))
        .contains(folder.resolve("dax1"));
  }

  @Test
  void allowed_linksInACircle() throws IOException {
    link("dax-a", folder.resolve("dax-b"));
    link("dax-b", folder.resolve("dax-a"));

    assertThat(paths.allowed(folder.resolve("dax-a"))).isEmpty();
  }

  @Test
  void allowed_deviceOfTheStart() throws IOException {
    Path device = Files.createFile(outside.resolve("start"));
    Path alias = Files.createSymbolicLink(outside.resolve("alias"), device);
    AllowedPaths start = new AllowedPaths(List.of(), List.of(alias));

    assertThat(start.allowed(device)).contains(device);
    assertThat(start.allowed(alias)).contains(device);
    assertThat(start.allowed(outside.resolve("secret"))).isEmpty();
  }

  @Test
  void parse_noPath() {
    assertThat(AllowedPaths.parse("a\0b")).isEmpty();
    assertThat(AllowedPaths.parse("/dev/dax0.0")).contains(Path.of("/dev/dax0.0"));
  }

  @Test
  void globs_mustBeAbsoluteAndReadable() {
    assertThatThrownBy(() -> new AllowedPaths(List.of("dev/dax*"), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dev/dax*");
    assertThatThrownBy(() -> new AllowedPaths(List.of("/dev/{dax"), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
