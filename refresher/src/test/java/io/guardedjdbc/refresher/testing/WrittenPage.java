package io.guardedjdbc.refresher.testing;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** A page or picture that a command wrote, read as XML. */
public record WrittenPage(String text, List<Element> elements) {
  /** Reads it; fails where it is not well formed. */
  public static WrittenPage of(Path file) {
    try {
      return of(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same of a text. */
  public static WrittenPage of(String text) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      Document document =
          factory.newDocumentBuilder().parse(new InputSource(new StringReader(text)));
      NodeList all = document.getElementsByTagName("*");
      List<Element> elements = new ArrayList<>();
      for (int i = 0; i < all.getLength(); i++) {
        elements.add((Element) all.item(i));
      }
      return new WrittenPage(text, elements);
    } catch (IOException | SAXException | ParserConfigurationException e) {
      throw new AssertionError(text, e);
    }
  }

  /** The values of an attribute, wherever it stands. */
  public List<String> values(String attribute) {
    return elements.stream()
        .filter(element -> element.hasAttribute(attribute))
        .map(element -> element.getAttribute(attribute))
        .toList();
  }

  /** Whatever would make a browser fetch something or run something. */
  public List<String> reachesOut() {
    List<String> found = new ArrayList<>();
    for (Element element : elements) {
      if (List.of("script", "link", "img", "iframe", "object", "use", "image", "base")
          .contains(element.getTagName())) {
        found.add(element.getTagName());
      }
      for (String attribute : List.of("src", "href", "action", "onload", "onclick", "style")) {
        if (element.hasAttribute(attribute) && !element.getAttribute(attribute).startsWith("#")) {
          found.add(attribute + " " + element.getAttribute(attribute));
        }
      }
    }
    if (text.contains("url(") || text.contains("@import")) {
      found.add("a style that fetches");
    }
    return found;
  }

  /** The text of the elements of a class. */
  public List<String> ofClass(String name) {
    return elements.stream()
        .filter(element -> List.of(element.getAttribute("class").split(" ", -1)).contains(name))
        .map(Element::getTextContent)
        .toList();
  }
}
